import { Component, type ReactNode } from "react";

interface Props {
  /** What stands there when the rest cannot be drawn. */
  fallback: ReactNode;
  children: ReactNode;
}

/** Keeps what cannot be drawn from taking along what can. */
export class Boundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
