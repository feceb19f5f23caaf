/** What must be stored before this page goes or hands the stores to another tab. */
export class Leaving {
  private readonly acts = new Set<() => Promise<void>>();

  /** Return what takes the act out again. */
  before(act: () => Promise<void>): () => void {
    this.acts.add(act);
    return () => this.acts.delete(act);
  }

  /** Ends when everything has been stored; what cannot be stored holds nobody up. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.acts].map((act) => act()));
  }
}
