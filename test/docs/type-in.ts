import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { fingerprint, shortFingerprint } from '@joinery/protocol'
import { runWith } from '@joinery/testing/command/operators'
import { controlPlaneMark } from '@joinery/testing/pairing/control-planes'
import type { Pairing } from '@joinery/testing/pairing/pairing'
import { register, withApprovedCsr } from '@joinery/testing/pairing/steps'
import type { TestMachine } from '@joinery/testing/pairing/test-machine'

/** The words of a command line as a shell makes them, if it has no other quotes than single ones; and the file after `>`. */
export const shellWords = (command: string): { words: string[]; printed: string | undefined } => {
  const [line = '', printed] = command.replace(/^sudo /, '').split(' > ')
  const words = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, inside]) => inside ?? word)
  return { words: words.slice(1), printed }
}

/**
 * Types a command of a page for `joinery` as a person who answers each question: with the key that the console shows, the
 * name or number that is asked for, or yes. What it prints goes into the file that the command names.
 */
export const typeIn = async (pairing: Pairing, command: string, terminal: Partial<Terminal> = {}) => {
  const ask = async (question: string) => {
    const shown = /^Type the key that the console of (\S+) shows/.exec(question)?.[1]
    if (shown === undefined) return /^Type (\S+) to/.exec(question)?.[1] ?? 'y'
    const { items } = await pairing.operator.list()
    return shortFingerprint(items.findLast(({ name }) => name === shown)?.key ?? '')
  }
  const { words, printed } = shellWords(command)
  const ran = await runWith(['--socket', pairing.config.operators.socket, ...words], { ask, ...terminal })
  if (printed !== undefined) writeFileSync(printed, ran.out)
  return ran
}

/** Does all that is left of the join of an approved machine. */
const arrive = async (pairing: Pairing, name: string, machine: TestMachine): Promise<void> => {
  const { csr, key } = await withApprovedCsr(pairing, machine, name)
  const certificate = await register(pairing, machine, name, csr, key)
  const { role } = await pairing.operator.show(name)
  if (role === 'control-plane') await pairing.cluster.relabelNode(name, { labels: controlPlaneMark, taints: [] })
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', 'kubelet is posting ready status')
  await pairing.reconcile()
  const { publicKey, serialNumber: serial } = new X509Certificate(certificate)
  await machine.server.outcome({ outcome: 'ready', certificate: { fingerprint: fingerprint(publicKey), serial } })
  await pairing.reconcile()
}

/** A pause of a command that waits, during which each of these machines that is approved becomes Ready. */
export const whileTheyJoin = (pairing: Pairing, machines: ReadonlyMap<string, TestMachine>) => {
  return async (): Promise<void> => {
    for (const [name, machine] of machines) {
      if ((await pairing.operator.show(name)).state === 'approved') await arrive(pairing, name, machine)
    }
  }
}
