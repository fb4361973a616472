import { type FakeKubernetes, Faults, InProcess } from '@joinery/fake-kubernetes'
import type { Sending } from '@joinery/kube'

/** The way of the pairing server to its API server, with the faults that only the server meets. */
export interface ServerSide {
  faults: Faults
  carrier: NonNullable<Sending['carrier']>
}

/** Opens the way of the pairing server to the fake cluster. */
export const serverSide = (fake: FakeKubernetes): ServerSide => {
  const faults = new Faults()
  return {
    faults,
    carrier: ({ cert }) =>
      new InProcess((message) => faults.pass(message, () => fake.api.handle(message)), cert?.toString())
  }
}
