import { readFile, stat } from 'node:fs/promises'
import { type NoticeKind, noticeKinds } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { StartRefusal } from '../../core/base/start-refusal.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import type { Receiver } from './receiver.ts'
import { readSecrets } from './sign.ts'
import type { Collector } from './traces/traces.ts'

type Row = NonNullable<ServerConfig['webhooks']>[number]

/** The receivers of notices with their secrets. Throws `StartRefusal`, in which nothing of a secret or of a URL is. */
export const readReceivers = async ({ webhooks = [] }: Pick<ServerConfig, 'webhooks'>): Promise<Receiver[]> => {
  const receivers = await Promise.all(webhooks.map(readReceiver))
  const names = receivers.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new StartRefusal(`two webhooks have the name ${twice}`, 'give each a name of its own: name: ...')
  }
  return receivers
}

/** The collector of traces. Undefined if there is none. Throws `StartRefusal`. */
export const readCollector = async ({ tracing }: Pick<ServerConfig, 'tracing'>): Promise<Collector | undefined> => {
  if (tracing === undefined) return undefined
  const url = new URL(tracing.endpoint)
  return {
    url,
    onlyHere: isOnlyHere(url, tracing.allowHttp),
    ...given({ certificateAuthority: tracing.caFile && (await readText(tracing.caFile)) })
  }
}

const isOnlyHere = (url: URL, allowHttp = false): boolean => url.protocol === 'http:' && !allowHttp

const readReceiver = async (row: Row): Promise<Receiver> => {
  const url = new URL(row.url)
  const name = row.name ?? nameOf(url)
  const kinds: readonly NoticeKind[] = row.events ?? noticeKinds
  return {
    name,
    url,
    secrets: await readSecretFile(row.secretFile, name),
    kinds: new Set(kinds),
    onlyHere: isOnlyHere(url, row.allowHttp),
    ...given({ certificateAuthority: row.caFile && (await readText(row.caFile)) })
  }
}

/** The name of a receiver that the configuration gives none. */
const nameOf = ({ hostname }: URL): string => hostname.replace(/[^a-z0-9.-]/g, '').slice(0, 63) || 'webhook'

const readSecretFile = async (file: string, name: string): Promise<Buffer[]> => {
  const secrets = readSecrets(await readText(file))
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o007) !== 0) {
    throw new StartRefusal(`any user may open ${file} (mode 0${mode.toString(8)})`, `chmod 640 ${file}`)
  }
  if (secrets === undefined) {
    throw new StartRefusal(
      `${file} has no secret for the webhook ${name}: a line of it is whsec_ and the base64 of 24 to 64 bytes`,
      `printf 'whsec_%s\\n' "$(head --bytes 32 /dev/urandom | base64)" > ${file}`
    )
  }
  return secrets
}

const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    throw new StartRefusal(
      `${file} cannot be read (${code})`,
      'it must be there, and readable for the user of the server'
    )
  }
}
