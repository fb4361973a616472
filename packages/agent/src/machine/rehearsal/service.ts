export type ServiceState = 'inactive' | 'activating' | 'active' | 'failed'

/** How the last process ended. */
export type ServiceResult = 'success' | 'exit-code' | 'signal'

/** The process of a service: resolves to whether it ended well; it ends soon after `signal` aborts. */
export type Process = (signal: AbortSignal) => Promise<boolean>

/** A unit of systemd, `Type=oneshot` with `RemainAfterExit=yes`. */
export class Service {
  readonly #process: Process
  #state: ServiceState = 'inactive'
  #result: ServiceResult = 'success'
  #ended: Promise<void> = Promise.resolve()
  #life = new AbortController()

  constructor(process: Process) {
    this.#process = process
  }

  get state(): ServiceState {
    return this.#state
  }

  get result(): ServiceResult {
    return this.#result
  }

  /** Where it runs, or has succeeded, nothing happens. */
  start(): void {
    if (this.#state === 'activating' || this.#state === 'active') return
    this.#life = new AbortController()
    this.#state = 'activating'
    this.#result = 'success'
    this.#ended = this.#run(this.#life)
  }

  async #run(life: AbortController): Promise<void> {
    let well = false
    try {
      // however it takes it, a process that is ended by a signal has not ended well
      well = (await this.#process(life.signal)) && !life.signal.aborted
    } catch (error) {
      if (!life.signal.aborted) throw error
    }
    if (this.#life !== life) return
    this.#state = well ? 'active' : 'failed'
    this.#result = well ? 'success' : life.signal.aborted ? 'signal' : 'exit-code'
  }

  /** A process that is ended by a signal has failed. */
  async stop(): Promise<void> {
    if (this.#state === 'active') this.#state = 'inactive'
    if (this.#state !== 'activating') return
    this.#life.abort()
    await this.#ended
  }

  /** SIGKILL: the process ends without another word. */
  kill(): void {
    if (this.#state === 'activating') this.#life.abort()
  }

  resetFailed(): void {
    if (this.#state === 'failed') this.#state = 'inactive'
  }

  /** The power is cut: what its process comes to yet, nobody sees. */
  powerOff(): void {
    this.#life.abort()
    this.#life = new AbortController()
    this.#state = 'inactive'
  }
}
