import { resolve } from 'node:path'
import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import type { PatientOrder, Told } from '../inside/patient-machine.ts'
import { minutes } from '../product.ts'
import { deskOf } from './desk.ts'
import { keepUp } from './keep-up.ts'
import type { World } from './open-servers.ts'
import type { OneServer } from './three-servers.ts'

const program = resolve(import.meta.dirname, '../inside/patient-machine.ts')

/** Something without which no server can acknowledge anything. */
export interface Outage {
  /** A word for names. */
  name: string
  /** Servers that run meanwhile. One that ends is started again, with the program that was built. */
  servers: readonly OneServer[]
  begin(): Promise<void>
  /** Ends it, and gives the time from which on a server may acknowledge something again. */
  end(): Promise<number>
  /** What `joinery status` says of it, and since when. */
  says: RegExp
}

/**
 * While it lasts nothing is acknowledged: machines are answered 503 with `Retry-After`, each server says why, and none is ready. Afterwards
 * all goes on by itself, nothing is lost, and nothing is there twice.
 */
export const outlived = async (t: Test, world: World, outage: Outage): Promise<void> => {
  const { bed, servers } = world
  const { name } = outage
  const desk = deskOf(world)
  const active = await servers.untilActive()
  const before = await desk.newCode(active, `${name}-before`)
  const { code } = await desk.newCode(active, `${name}-machine`)
  const kept = keepUp(outage.servers)
  t.teardown(() => kept.end())
  await outage.begin()
  const machine = patientMachine({
    code,
    name: `${name}-machine`,
    ports: outage.servers.map(({ port }) => port),
    state: active.state
  })
  const unknown: string[] = []
  for (const server of outage.servers) {
    await waitFor(
      `${server.name} not to be ready`,
      () => desk.ready(server).catch(() => undefined),
      (answer) => answer !== undefined && answer.status !== 200,
      minutes
    )
    const shown = () => desk.shown(server)
    const said = await waitFor(`${server.name} to say why`, shown, (text) => outage.says.test(text), minutes)
    t.match(said, outage.says, server.name)
    const meanwhile = `${name}-${server.name}`
    const refused = await server.joinery('code', 'create', '--name', meanwhile)
    t.not(refused.code, 0, `${server.name} makes no code`)
    // a server that ends gives no answer, and nobody knows
    if (!isRefusal.test(refused.stderr)) unknown.push(meanwhile)
    t.comment(`${server.name}: ${outage.says.exec(said)?.[0]}; ${refused.stderr.trim()}`)
  }
  const over = await outage.end()
  const told = await machine
  await kept.end()
  const answered = told.filter(({ status }) => status !== undefined)
  const [yes] = answered.slice(-1)
  t.equal(yes?.status, 201)
  t.ok((yes?.at ?? 0) >= over, 'not before it is over')
  const others = answered.slice(0, -1)
  t.ok(others.length > 0, `${others.length} of ${told.length} requests were answered before`)
  const wrong = others.filter(({ status, retryAfter }) => status !== 503 || !(Number(retryAfter) > 0))
  t.same(wrong, [], 'each answer before is 503 with Retry-After')
  t.comment(`${others.length} answers before the first that is good; ${kept.ends} ends of a server`)
  const next = await servers.untilActive()
  const own = (names: string[]): string[] => names.filter((one) => one.startsWith(name) && !unknown.includes(one))
  t.same(own((await desk.enrolments(next)).map((one) => one.name)), [`${name}-machine`])
  t.same(own(await desk.names(next)).sort(), [`${name}-before`, `${name}-machine`], 'and no code that was refused')
  t.match((await next.joinery('code', 'show', before.id)).stdout, `${name}-before`)

  async function patientMachine(order: PatientOrder): Promise<Told[]> {
    const input = JSON.stringify(order)
    const { code, stdout, stderr } = await bed.exec([process.execPath, program], { input, timeout: 5 * minutes })
    if (code !== 0) throw new Error(`the machine: ${code} ${stderr}`)
    return JSON.parse(stdout) as Told[]
  }
}

/** Words of a server that surely did nothing. */
const isRefusal = /cannot be written|has not answered to a batch|is not the active one/
