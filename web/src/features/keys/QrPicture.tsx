import { useMemo } from "react";
import { encode } from "uqr";
import styles from "./Keys.module.css";

interface Props {
  content: string | readonly number[];
  label: string;
}

/** A code for cameras: black on white in either theme, with the quiet edge that scanners need. */
export function QrPicture({ content, label }: Props) {
  const code = useMemo(() => encode(content, { ecc: "M", border: 4 }), [content]);
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${code.size} ${code.size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={pathOf(code.data)} fill="#000" />
    </svg>
  );
}

function pathOf(rows: boolean[][]): string {
  return rows.flatMap((row, y) => row.map((isBlack, x) => (isBlack ? `M${x} ${y}h1v1h-1z` : ""))).join("");
}
