/** A name of the cluster that Joinery did not give. Operators were told what is written here, and are not told again. */
export interface OutsiderDocument {
  /** Name of the Node. It is also the key of the document. */
  name: string
  revision: number
  /**
   * The Node of this name. `since`: when the server saw it first. `before`: it was there when the server first looked at the
   * cluster.
   */
  node?: { uid: string; machineId: string; since: string; before: boolean }
  /** User names whose requests for a certificate of this name are in the cluster. */
  requesters: string[]
}
