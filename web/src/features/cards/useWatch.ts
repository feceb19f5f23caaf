import { useEffect } from "react";
import type { ServiceWatch } from "../../state/serviceWatch";

/** Watch the hospital's systems while somebody looks at the page. */
export function useWatch(watch: ServiceWatch): void {
  useEffect(() => {
    const follow = () => (document.visibilityState === "visible" ? watch.start() : watch.stop());
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      watch.stop();
    };
  }, [watch]);
}
