import { noFacts, ProblemError } from '@joinery/protocol'
import type { Seeded } from '@joinery/testing/chance/seeded'
import type { DependencyContainer } from 'tsyringe'
import { Store } from '../../../src/core/ports/store/store.ts'
import { AgentService } from '../../../src/core/services/agent-service.ts'
import { CodeService } from '../../../src/core/services/code-service.ts'
import { OperatorService } from '../../../src/core/services/operator-service.ts'
import type { Asked, Seen } from '../seen.ts'
import type { Server } from './server.ts'

interface Code {
  id: string
  secret: string
}

/** A machine with a key and a code. Its enrolment is there once a server has said so. */
interface Machine {
  key: string
  code: Code
  enrolment?: string
}

type Enrolled = Machine & { enrolment: string }

interface Parts {
  chance: Seeded
  now: () => number
  seen: Seen
  /** A server that somebody asks now. Undefined if nobody answers. */
  server: () => Server | undefined
}

/** Machines and operators. They know what the servers told them, and ask for the next thing. Nobody waits for an answer. */
export class People {
  readonly #parts: Parts
  readonly #codes: Code[] = []
  readonly #machines: Machine[] = []
  /** Looks of operators at an enrolment: an approval covers what one of them showed. */
  readonly #looks = new Map<string, { revision: number; key: string }>()
  /** What those do to whom something was taken away: they try it all the same. */
  readonly #takenAway: (() => void)[] = []
  #asked = 0
  #made = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Somebody does something. */
  act(): void {
    const { chance } = this.#parts
    const enrolled = this.#machines.filter((machine): machine is Enrolled => machine.enrolment !== undefined)
    const dice = chance.next()
    if (this.#takenAway.length > 0 && chance.chance(0.2)) chance.pick(this.#takenAway)()
    else if (dice < 0.15 || this.#codes.length === 0) this.#create()
    else if (dice < 0.2) this.#revoke(chance.pick(this.#codes))
    else if (dice < 0.4 || enrolled.length === 0) this.#enrol(this.#machine())
    else this.#goOn(chance.pick(enrolled.slice(-5)), dice)
  }

  /** Everybody to whom something was taken away tries it. */
  tryAgain(): void {
    for (const attempt of this.#takenAway) attempt()
  }

  /** Something happens to a machine that is enrolled. */
  #goOn(machine: Enrolled, dice: number): void {
    if (dice < 0.6) this.#claim(machine)
    else if (dice < 0.65) this.#look(machine.enrolment)
    else if (dice < 0.9) this.#approve(machine.enrolment)
    else this.#reject(machine)
  }

  /** An operator reads everything. */
  read(): void {
    const { seen, now, server } = this.#parts
    const asked = server()
    if (asked?.wasFrozen) return
    const at = now()
    void asked
      ?.ask(async (container) => {
        const store = container.resolve(Store)
        return [...(await store.codes()), ...(await store.enrolments())]
      })
      .then(
        (documents) =>
          !asked.wasFrozen &&
          seen.reads.push({
            process: asked.name,
            asked: at,
            revisions: new Map(documents.map(({ id, revision }) => [id, revision]))
          }),
        () => undefined
      )
  }

  /** A machine that boots: a new one with the newest code or with an old one, or one that was there before. */
  #machine(): Machine {
    const { chance } = this.#parts
    if (this.#machines.length > 0 && chance.chance(0.2)) return chance.pick(this.#machines)
    return this.#machineWith(chance.chance(0.8) ? (this.#codes.at(-1) as Code) : chance.pick(this.#codes))
  }

  #machineWith(code: Code): Machine {
    this.#made += 1
    const machine = { key: `key-${this.#made}`, code }
    this.#machines.push(machine)
    return machine
  }

  #create(): void {
    this.#made += 1
    const name = `worker-${this.#made}`
    const asked = this.#parts.chance.chance(0.2) ? { name: `pool-${this.#made}-{n}`, uses: 3 } : { name }
    this.#ask({ call: 'create' }, async (container, by) => {
      const { code, id } = await container.resolve(CodeService).create({ ...asked, ttl: 86_400 }, { by })
      return { about: id, heard: () => void this.#codes.push({ id, secret: code }) }
    })
  }

  #revoke(code: Code): void {
    const { id } = code
    this.#ask({ call: 'revoke', about: id }, async (container, by) => {
      await container.resolve(CodeService).revoke(id, { by })
      return { heard: () => void this.#takenAway.push(() => this.#enrol(this.#machineWith(code))) }
    })
  }

  #enrol(machine: Machine): void {
    const { key, code } = machine
    const request = { code: code.secret, name: 'machine', facts: { ...noFacts, machineId: key }, preflight: [] }
    this.#ask({ call: 'enrol', about: code.id, key }, async (container) => {
      const { created, enrolment } = await container.resolve(AgentService).enrol({ key, address }, request)
      return {
        isNew: created,
        heard: () => {
          machine.enrolment = enrolment.id
        }
      }
    })
  }

  #claim({ key, enrolment }: Enrolled): void {
    this.#ask({ call: 'claim', key, about: enrolment }, async (container) => {
      const credential = await container.resolve(AgentService).claim({ key, address })
      return { given: { attempt: credential.attempt, token: 'token' in credential ? credential.token : '' } }
    })
  }

  #look(id: string): void {
    const server = this.#parts.server()
    void server
      ?.ask((container) => container.resolve(OperatorService).show(id))
      .then(
        ({ revision, key }) => this.#looks.set(id, { revision, key }),
        () => undefined
      )
  }

  #approve(id: string): void {
    const known = this.#parts.chance.chance(0.2) ? this.#looks.get(id) : undefined
    this.#ask({ call: 'approve', about: id }, async (container, by) => {
      const operators = container.resolve(OperatorService)
      const { revision, key } = known ?? (await operators.show(id))
      await operators.approve(id, { revision, key }, { by })
      return {}
    })
  }

  #reject(machine: Enrolled): void {
    const { enrolment: id } = machine
    this.#ask({ call: 'reject', about: id }, async (container, by) => {
      await container.resolve(OperatorService).reject(id, 'stolen', { by })
      return { heard: () => void this.#takenAway.push(() => this.#claim(machine)) }
    })
  }

  #ask(
    what: Pick<Asked, 'call' | 'about' | 'key'>,
    act: (
      container: DependencyContainer,
      by: string
    ) => Promise<Pick<Asked, 'about' | 'isNew' | 'given'> & { heard?: () => void }>
  ): void {
    const { now, seen, server } = this.#parts
    const one = server()
    if (one === undefined) return
    this.#asked += 1
    const by = `operator-${this.#asked}`
    const asked: Asked = { ...what, process: one.name, asked: now() }
    seen.asked.push(asked)
    one
      .ask((container) => act(container, by))
      .then(({ heard, ...answer }) => {
        Object.assign(asked, answer, { told: now() })
        heard?.()
      })
      .catch((error: unknown) => {
        if (error instanceof ProblemError) Object.assign(asked, { told: now(), problem: error.code })
        else if (!one.isClosed) seen.broken.push(`${one.name} answered ${what.call} with ${error}`)
      })
  }
}

const address = '192.0.2.1'
