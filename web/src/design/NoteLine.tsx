import type { ReactNode } from "react";
import styles from "./NoteLine.module.css";

interface Props {
  children: ReactNode;
  /** What one can do about it. */
  actions?: ReactNode;
  /** Whether something does not work as it should. */
  isWarning?: boolean;
  role?: "status" | "alert";
  label?: string;
}

/** One slim line above every page: what there is to say, and nothing louder than that. */
export function NoteLine({ children, actions, isWarning = false, role = "status", label }: Props) {
  const announced = { role, "aria-label": label };
  return (
    <div className={styles.note} {...announced} data-warning={isWarning}>
      <div className={styles.words}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
