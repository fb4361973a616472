import type { Exec } from '@joinery/host/exec'
import { maskSecrets } from '@joinery/host/text/secrets/mask-secrets'
import type { Call } from '../../../cri/grpc.ts'
import { decode, encode, integer, type Message, messages, text } from '../../../cri/protobuf.ts'
import type { ContainerSeen } from '../seen.ts'
import { ownerOf } from '../whose-pod.ts'

/** Most containers whose end is asked for, and most whose log is read. */
const most = { asked: 12, shown: 3 } as const
/** Bytes and lines of a log that are read. */
const tail = { bytes: 16_384, lines: 5 } as const
/** Milliseconds for which the end of a container is news, if another one runs in its place. */
const news = 5 * 60_000

const exited = 2

interface Container {
  id: string
  name: string
  attempt: number
  image: string
  state: number
  namespace: string
  pod: string
}

/**
 * The containers of the system that end with an error, with the last lines of their logs. `call` is a connection to the runtime (cri-api,
 * runtime/v1/api.proto). `now` is the machine's own time, by which the runtime dates.
 */
export const seeContainers = async (call: Call, exec: Exec, now: number): Promise<ContainerSeen[]> => {
  // ListContainersResponse { repeated Container containers = 1 }
  const all = messages(decode(await call('/runtime.v1.RuntimeService/ListContainers')), 1).map(containerOf)
  const dead = suspects(all.filter((container) => ownerOf(container) !== undefined)).slice(0, most.asked)
  const seen: ContainerSeen[] = []
  for (const { container, replaced } of dead) {
    if (seen.length === most.shown) break
    const found = await endOf(call, exec, container, replaced ? now : undefined)
    if (found !== undefined) seen.push(found)
  }
  return seen
}

/**
 * Container { string id = 1; ContainerMetadata metadata = 3 { string name = 1; uint32 attempt = 2 }; ImageSpec image = 4 { string image
 * = 1; string user_specified_image = 20 }; ContainerState state = 6; map<string, string> labels = 8 }.
 */
const containerOf = (container: Message): Container => {
  const [metadata = new Map()] = messages(container, 3)
  const [image = new Map()] = messages(container, 4)
  const labels = new Map(messages(container, 8).map((entry) => [text(entry, 1), text(entry, 2)]))
  return {
    id: text(container, 1),
    name: text(metadata, 1),
    attempt: integer(metadata, 2),
    image: text(image, 1),
    state: integer(container, 6),
    namespace: labels.get('io.kubernetes.pod.namespace') ?? '',
    pod: labels.get('io.kubernetes.pod.name') ?? ''
  }
}

/**
 * The last container of each place that has ended. `replaced`: another one runs in its place, or waits to. An earlier end of a place
 * whose last one has ended too tells nothing more.
 */
const suspects = (all: readonly Container[]): { container: Container; replaced: boolean }[] => {
  const places = Map.groupBy(all, ({ namespace, pod, name }) => `${namespace}/${pod}/${name}`)
  return [...places.values()].flatMap((place): { container: Container; replaced: boolean }[] => {
    const [newest, before] = place.sort((a, b) => b.attempt - a.attempt)
    if (newest?.state === exited) return [{ container: newest, replaced: false }]
    return before?.state === exited ? [{ container: before, replaced: true }] : []
  })
}

/**
 * ContainerStatusResponse { ContainerStatus status = 1 { int64 finished_at = 6; int32 exit_code = 7; string reason = 10; string message =
 * 11; string log_path = 15 } }. Times are nanoseconds since 1970. `now`: the end counts only if it is news.
 */
const endOf = async (
  call: Call,
  exec: Exec,
  { id, name, namespace, pod, image }: Container,
  now: number | undefined
): Promise<ContainerSeen | undefined> => {
  const [status = new Map()] = messages(
    decode(await call('/runtime.v1.RuntimeService/ContainerStatus', encode(1, id))),
    1
  )
  const exitCode = integer(status, 7)
  if (exitCode === 0 || (now !== undefined && now - integer(status, 6) / 1e6 > news)) return undefined
  const lines = await lastLines(exec, text(status, 15)).catch(() => [])
  const message = text(status, 11)
  return {
    ...{ namespace, pod, name, image, exitCode, reason: text(status, 10) },
    lines: lines.length > 0 || message === '' ? lines : [message]
  }
}

/**
 * The last lines of a container's log, without the time and the stream that the runtime puts before each, and without secrets. What is
 * secret may be known only by a line before the last ones, so all that was read is judged at once. If more was not read, the first line
 * begins in its middle, and the next one may go on with it. Both are left out: nobody sees by which name their text is a secret.
 */
const lastLines = async (exec: Exec, path: string): Promise<string[]> => {
  if (!path.startsWith('/')) return []
  const printed = await exec(['tail', `--bytes=${tail.bytes}`, path], { timeout: 5_000 })
  const lines = printed.split('\n').slice(Buffer.byteLength(printed) < tail.bytes ? 0 : 2)
  // a long line is cut by the runtime into parts: all but the last one are marked with P
  const parts = lines.map((line) => /^\d{4}-\S+ (?:stdout|stderr) ([FP]) (.*)$/.exec(line) ?? [line, 'F', line])
  const whole = parts.map(([, mark, said]) => `${said}${mark === 'P' ? '' : '\n'}`).join('')
  return maskSecrets(whole)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-tail.lines)
}
