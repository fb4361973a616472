/** What the command line says of the size of a part. */
export interface Size {
  /** Machines, instead of as many as the target is for. */
  machines?: number
}
