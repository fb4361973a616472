import type { MachinePorts } from '@joinery/agent/testing/machine'

/**
 * Moment of a call by an agent to the outside, such as `enrol: before server.enrol` or `enrol: after files.remove
 * /etc/joinery/code`.
 */
export type Moment = `${string}: ${'before' | 'after'} ${string}`

/**
 * The process of an agent, which a test can kill. From then on nothing that it asks for is done, and nothing comes back
 * to it. `watch` is told each moment, and may do something then, such as to kill the process.
 */
export class AgentProcess {
  /** Step that the loop is doing now. */
  step = ''
  #dead = false
  readonly #watch: (moment: Moment) => unknown

  constructor(watch: (moment: Moment) => unknown) {
    this.#watch = watch
  }

  kill(): void {
    this.#dead = true
  }

  /** Wraps the port as this process sees it. `quiet` names methods that change nothing, or that give no promise. */
  around<T extends object>(name: string, port: T, ...quiet: (keyof T)[]): T {
    const methods = Object.entries(port) as [keyof T & string, (...args: unknown[]) => Promise<unknown>][]
    const seen = methods.map(([method, act]) => [
      method,
      quiet.includes(method)
        ? act
        : (...args: unknown[]) => this.#call(`${name}.${method}${fileIn(args)}`, () => act(...args))
    ])
    return Object.fromEntries(seen)
  }

  /** Wraps the machine as this process sees it. The method names a moment, whichever port has it. */
  aroundMachine({ looking, mending, joining, etcd }: MachinePorts): MachinePorts {
    return {
      looking: this.around('machine', looking, 'joinState', 'networkTraces'),
      mending: this.around('machine', mending),
      joining: this.around('machine', joining),
      etcd: this.around('machine', etcd)
    }
  }

  async #call(call: string, act: () => Promise<unknown>): Promise<unknown> {
    await this.#pass('before', call)
    try {
      return await act()
    } finally {
      await this.#pass('after', call)
    }
  }

  /** Passes the moment. A dead process never gets past it. */
  async #pass(when: 'before' | 'after', call: string): Promise<void> {
    if (!this.#dead) await this.#watch(`${this.step}: ${when} ${call}`)
    if (this.#dead) await new Promise(() => {})
  }
}

const fileIn = ([first]: unknown[]): string => (typeof first === 'string' && first.startsWith('/') ? ` ${first}` : '')
