import { FakeLease } from '@joinery/testing/log/fake-lease-objects'
import t from 'tap'
import { leaseContract } from './lease-contract.ts'

await leaseContract(t, 'the fake', async () => {
  const lease = new FakeLease()
  const remove = async (): Promise<void> => lease.edit(undefined)
  return { one: lease, other: lease, remove, close: remove }
})
