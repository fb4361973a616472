import type { Machine } from './bed/machine.ts'

export const joinKeyFile = '/var/lib/joinery-agent/join-key.json'

/**
 * The private key of a machine that joins by a certificate, and what of it is to be found nowhere else: of its PEM, and of that
 * as a kubeconfig has it.
 */
export const joinKeyOf = async (machine: Machine): Promise<{ key: string; secrets: string[] }> => {
  const { key } = JSON.parse((await machine.ssh(`cat ${joinKeyFile}`)).stdout) as { key: string }
  const secrets = [key.split('\n')[1] ?? '', Buffer.from(key).toString('base64').slice(60, 120)]
  if (!secrets.every(({ length }) => length === 60 || length === 64)) throw new Error('it is no private key in PEM')
  return { key, secrets }
}
