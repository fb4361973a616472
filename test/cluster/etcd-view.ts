import type { Bed } from './bed/bed.ts'
import { serverAddress } from './bed/network.ts'

/** The etcd of the bed's cluster, by the JSON gateway of its first member. */
export interface EtcdView {
  /** Those that never started have no name. */
  members(): Promise<{ name: string; isLearner: boolean }[]>
  /** All that it holds, as text. */
  dump(): Promise<string>
  /** Forgets what is older than now, gives the room back, and says that the alarm about it is over. */
  makeRoom(): Promise<void>
}

export const etcdView = (bed: Pick<Bed, 'exec'>): EtcdView => {
  const pki = '/etc/kubernetes/pki'
  const files = { cacert: 'etcd/ca.crt', cert: 'apiserver-etcd-client.crt', key: 'apiserver-etcd-client.key' }
  const identity = Object.entries(files).flatMap(([option, file]) => [`--${option}`, `${pki}/${file}`])
  const ask = async <T>(method: string, message: object): Promise<T> => {
    const curl = ['curl', '--silent', '--fail', '--max-time', '20', ...identity, '--data', JSON.stringify(message)]
    const { code, stdout, stderr } = await bed.exec([...curl, `https://${serverAddress}:2379/v3/${method}`])
    if (code !== 0) throw new Error(`etcd does not answer ${method}: curl ${code} ${stderr}`)
    return JSON.parse(stdout) as T
  }
  const everything = Buffer.from([0]).toString('base64')
  return {
    members: async () => {
      const answer = await ask<{ members: { name?: string; isLearner?: boolean }[] }>('cluster/member/list', {
        linearizable: true
      })
      return answer.members.map(({ name = '', isLearner = false }) => ({ name, isLearner }))
    },
    dump: async () => {
      const { kvs } = await ask<{ kvs: { key: string; value?: string }[] }>('kv/range', {
        key: everything,
        range_end: everything
      })
      const text = (value = '') => Buffer.from(value, 'base64').toString('latin1')
      return kvs.map(({ key, value }) => `${text(key)}\n${text(value)}`).join('\n')
    },
    makeRoom: async () => {
      const first = { key: everything, range_end: everything, limit: 1, keys_only: true }
      const { header } = await ask<{ header: { revision: string } }>('kv/range', first)
      await ask('kv/compaction', { revision: header.revision, physical: true })
      await ask('maintenance/defragment', {})
      const { alarms = [] } = await ask<{ alarms?: object[] }>('maintenance/alarm', { action: 'GET' })
      for (const alarm of alarms) await ask('maintenance/alarm', { action: 'DEACTIVATE', ...alarm })
    }
  }
}
