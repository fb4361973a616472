import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Code, EnrolmentDetail } from '@joinery/protocol'
import type { ServerConfig } from '@joinery/server/testing/config'
import { seededFor } from '@joinery/testing/chance/seeded'
import { type ClusterDoor, openClusterDoor } from './cluster-door.ts'
import { disturb } from './disturb.ts'
import { beginFastTime, fastNow } from './fast-time.ts'
import type { Exchange, History, IssuedCertificate } from './history.ts'
import { judge, type Violation } from './judge.ts'
import { Machine, type Surroundings } from './machine.ts'
import { type Operator, operatorOn } from './operator.ts'
import { type Act, type Step, wantsSharedName, wayOf } from './plan/way.ts'
import { newRecorder } from './recorder.ts'
import { type Kind, openSite, type Site } from './site.ts'
import { smallDiskAt } from './small-disk.ts'

/** Machines at a time, each with a kubelet and an operator. Two servers take the processor for themselves as well. */
const clients: Record<Kind, number> = { file: 50, cluster: 20, restored: 20 }

export interface Episode {
  seed: number
  kind: Kind
  /** For which machines come and things fail, beside the start and the quiet end. */
  seconds: number
  /** A new one is made in it, and removed. */
  folder: string
  /** The server, bundled. */
  program: string
  /** That folder is on a small file system of its own. */
  smallDisk: boolean
}

export interface Judged {
  violations: Violation[]
  /** That was judged. */
  history: History
  /** What happened, in numbers. */
  counts: Record<string, number>
}

/** One run: servers that are killed again and again, 50 clients, and at the end a judge of all that was seen. */
export const runEpisode = async ({ seed, kind, seconds, folder, program, smallDisk }: Episode): Promise<Judged> => {
  const own = join(folder, `${seed}`)
  await mkdir(own)
  const time = beginFastTime()
  const clock = { now: () => new Date(fastNow(time)), exact: () => fastNow(time) }
  const socket = join(own, 'cluster.sock')
  const rights = { secrets: true, log: kind !== 'file' }
  const door = await openClusterDoor(socket, clock, seededFor(seed, 1), rights)
  const now = clock.now()
  const site = await openSite({ kind, own, program, now, time, cluster: socket, door, configured: configured(kind) })
  const { server } = site
  const recorder = newRecorder(clock.exact)
  const operator = operatorOn(server, recorder)
  // a server that cannot write its copy of the log ends: that is what it is for, and another one takes over
  const disk = smallDisk && kind === 'file' ? smallDiskAt(folder) : undefined
  const secrets = new Set<string>()
  try {
    await server.start()
    await untilServed(server)
    const over = AbortSignal.timeout(seconds * 1000)
    const authority = await readFile(join(site.states[0] as string, 'ca.crt'), 'utf8')
    const around = { server, authority, operator, cluster: door.cluster, recorder, secrets, over }
    const disturbed = { server, door, disk, random: seededFor(seed, 2), recorder, now: clock.exact, over }
    let restored: number | undefined
    const [{ quiet, counts }, machines] = await Promise.all([
      kind === 'restored' ? restoring(site, around, seed, (now) => (restored = now), clock.exact) : disturb(disturbed),
      inLanes(seed, clients[kind], around)
    ])
    // nobody comes any more, and nothing fails
    await untilSwept(door, clock.exact()).catch((cause) => {
      throw new Error(`seed ${seed}: ${server.ends.join('; ')}\n${server.log.slice(-20).join('')}`, { cause })
    })
    const quietEnd = clock.exact()
    const history: History = {
      ...(await askAll(operator)),
      exchanges: recorder.exchanges,
      clusterCalls: door.calls,
      certificates: await issued(door),
      quiet: quiet.map(({ from, to }) => ({ from, to: Math.min(to, quietEnd) })),
      nodes: await door.cluster.nodes(),
      secrets: [...secrets],
      written: [server.log.join(''), ...(await Promise.all(site.states.map(filesOf))).flat()],
      ends: server.ends,
      ...(restored !== undefined && { restored })
    }
    const violations = judge(history)
    const [requests, joined] = [history.exchanges.length, history.nodes.length]
    return {
      violations,
      history,
      counts: { machines, enrolments: history.enrolments.length, joined, requests, ...counts }
    }
  } finally {
    await site.close()
    await operator.close()
    await door.close()
    await disk?.makeRoom()
    await rm(own, { recursive: true })
  }
}

const configured = (kind: Kind) =>
  ({
    agents: { listen: '127.0.0.1:0', address: 'https://127.0.0.1:7443' },
    credential: 'token' as const,
    // by fast time: so short that some are over while it runs. What a restore brings back must not be over for that reason
    ...(kind !== 'restored' && { lifetimes: { pending: '10m', approved: '10m', frozen: '10m' } })
  }) satisfies Partial<ServerConfig>

/** For a start and a take-over, in milliseconds. */
const startPatience = 60_000

const untilServed = async (server: Site['server']): Promise<void> => {
  const end = performance.now() + startPatience
  while (server.port === undefined) {
    if (server.ends.length > 0 || performance.now() > end) throw new Error(`no server serves: ${server.log.join('')}`)
    await sleep(50)
  }
}

/** Machines of a restored episode that are rejected between the snapshot and the restore, and then claim. */
const stolenMachines = 8

/** Puts the log back once, after some machines that were approved in it were rejected. In place of all other disturbances. */
const restoring = async (
  site: Site,
  around: Omit<Surroundings, 'random'>,
  seed: number,
  noted: (now: number) => void,
  now: () => number
): ReturnType<typeof disturb> => {
  const quiet = [{ from: now(), to: Number.POSITIVE_INFINITY }]
  const steps = (...acts: Act[]): Step[] => acts.map((act) => ({ act, pause: 20, patient: true }))
  const stolen = Array.from(
    { length: stolenMachines },
    (_, index) => new Machine({ ...around, random: seededFor(seed, 500 + index) }, `stolen-${index}`)
  )
  const all = (...acts: Act[]) => Promise.all(stolen.map((machine) => machine.go(steps(...acts))))
  await all('invite', 'enrol', 'wait', 'approve')
  const putBack = await site.remember()
  await all('reject')
  noted(now())
  await putBack()
  await untilServed(site.server)
  await all('claim')
  await all('claim')
  while (!around.over.aborted) await sleep(50)
  return { quiet, counts: { kill: 2, api: 0, disk: 0 } }
}

/** In each lane one machine after the other; gives how many there were. */
const inLanes = async (seed: number, clients: number, around: Omit<Surroundings, 'random'>): Promise<number> => {
  let machines = 0
  const lane = async (number: number): Promise<void> => {
    const random = seededFor(seed, 100 + number)
    await sleep(random.integer(0, 500))
    for (let count = 0; !around.over.aborted; count += 1) {
      const name = wantsSharedName(random) ? `shared-${random.integer(1, 5)}` : `worker-${number}-${count}`
      // its own, so that what a machine meets does not change the way of the next one
      const machine = new Machine({ ...around, random: seededFor(seed, 10_000 + number * 1000 + count) }, name)
      await machine.go(wayOf(random))
      machines += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => lane(number)))
  return machines
}

/** After so many sweeps all that may be made good is: the first of them may have begun before it was quiet. */
const sweepsWanted = 3
const sweepPatience = 60_000

const untilSwept = async (door: ClusterDoor, since: number): Promise<void> => {
  const end = performance.now() + sweepPatience
  const swept = () => door.calls.filter(({ call, sent }) => call === 'settleBannedLeases' && sent > since).length
  while (swept() < sweepsWanted) {
    if (performance.now() > end) throw new Error('the server sweeps no more')
    await sleep(50)
  }
}

const askAll = async (operator: Operator): Promise<Pick<History, 'enrolments' | 'codes'>> => {
  const list = bodyOf<{ items: { id: string }[] }>(await operator.ask('list')).items
  const codes = bodyOf<{ items: Code[] }>(await operator.ask('listCodes')).items
  const enrolments: EnrolmentDetail[] = []
  for (const { id } of list) enrolments.push(bodyOf<EnrolmentDetail>(await operator.ask('show', id)))
  return { enrolments, codes }
}

const bodyOf = <T>({ call, status, text }: Exchange): T => {
  if (status !== 200) throw new Error(`in quiet, ${call} is answered ${status}: ${text}`)
  return JSON.parse(text ?? '')
}

const issued = async ({ cluster }: ClusterDoor): Promise<IssuedCertificate[]> =>
  (await cluster.kubeletCsrs()).flatMap(({ name, username, certificate }) =>
    certificate === undefined ? [] : [{ tokenId: username.replace('system:bootstrap:', ''), csr: name }]
  )

/** As text, each byte a character: of the store, its journal and all beside it. */
const filesOf = async (state: string): Promise<string[]> => {
  const names = (await readdir(state)).filter((name) => name.startsWith('joinery'))
  return Promise.all(names.map((name) => readFile(join(state, name), 'latin1')))
}
