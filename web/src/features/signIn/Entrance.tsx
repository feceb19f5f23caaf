import { useEffect } from "react";
import { useHashLocation } from "wouter/use-hash-location";
import { Activate } from "./Activate";
import type { ActivateModel } from "./activateState";
import { SignIn } from "./SignIn";
import { linkIn } from "./signInLink";
import type { SignInModel } from "./signInState";

interface Props {
  signIn: SignInModel;
  activation: ActivateModel;
}

/** What stands before the desk: signing in, by a link too, or the first time with a code. */
export function Entrance({ signIn, activation }: Props) {
  const [place, go] = useHashLocation();
  useEffect(() => {
    const link = linkIn(place);
    if (link === undefined) return;
    // It works once, and is nothing for the browser's history.
    go("/", { replace: true });
    signIn.enter(link);
  }, [place, go, signIn]);
  if (!/^\/activate(\?|$)/.test(place)) return <SignIn model={signIn} />;
  const activated = (number: string, password: string) => {
    // The code has been used, and is nothing for the browser's history.
    go("/", { replace: true });
    signIn.submit(number, password);
  };
  return <Activate model={activation} place={place} activated={activated} />;
}
