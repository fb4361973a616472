import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { issueClient } from '@joinery/agent/testing/machine'
import type { Terminal } from '@joinery/cli/testing/terminal'
import type { Test } from 'tap'
import { type FakeEtcd, fakeEtcd, type WireMember } from '../etcd/fake-etcd.ts'

export interface Host {
  etcd: FakeEtcd
  /** Command lines that kubectl got. */
  run: string[]
  questions: string[]
  terminal: Partial<Terminal>
}

/** Makes a folder with these files of a control plane. */
export const pkiOf = (t: Test, files: Record<string, string>): string => {
  const folder = t.testdir({})
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Member of etcd on cp-N, at 192.0.2.N. */
export const memberOf = (number: number, part: Partial<WireMember> = {}): WireMember => ({
  ID: `1027665774393297543${number}`,
  name: `cp-${number}`,
  peerURLs: [`https://192.0.2.${number}:2380`],
  clientURLs: ['https://127.0.0.1:1'],
  ...part
})

/**
 * Root on cp-1. Its etcd has these members, and answers for the healthy ones. Its kubectl knows one Node at 192.0.2.2.
 * Somebody types the name that is asked for, and otherwise yes. `deleteNode` is what kubectl does.
 */
export const controlPlaneHost = async (
  t: Test,
  {
    members = 3,
    healthy = [1, 2, 3],
    deleteNode
  }: { members?: number; healthy?: number[]; deleteNode(name: string): unknown }
): Promise<Host> => {
  const etcd = await fakeEtcd(t)
  const numbers = Array.from({ length: members }, (_, index) => index + 1)
  etcd.members = numbers.map((number) => memberOf(number, healthy.includes(number) ? { clientURLs: [etcd.url] } : {}))
  const client = await issueClient(etcd.ca, Date.now())
  const pki = pkiOf(t, {
    'sa.key': 'a key',
    'etcd/server.key': 'a key',
    'etcd/ca.crt': etcd.ca.cert,
    'apiserver-etcd-client.crt': client.cert,
    'apiserver-etcd-client.key': client.key
  })
  const [run, questions] = [[] as string[], [] as string[]]
  const terminal: Partial<Terminal> = {
    pki,
    etcd: ['https://127.0.0.1:1', etcd.url],
    addresses: () => ['127.0.0.1', '192.0.2.1'],
    ask: async (question) => {
      questions.push(question)
      return /^Type (\S+) to/.exec(question)?.[1] ?? 'y'
    },
    exec: async (argv) => {
      const words = argv.join(' ').replace('kubectl --kubeconfig /etc/kubernetes/admin.conf ', '')
      run.push(words)
      if (words.startsWith('get node')) return '192.0.2.2 cp-2'
      if (words.startsWith('delete node')) await deleteNode(words.split(' ')[2] ?? '')
      return ''
    }
  }
  return { etcd, run, questions, terminal }
}
