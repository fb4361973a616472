export type ServiceState = 'inactive' | 'activating' | 'active' | 'failed'

/** The end of the last process. */
export type ServiceResult = 'success' | 'exit-code' | 'signal'

/** The process of a service. It resolves to true if it ended well. It ends soon after `signal` aborts. */
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

  /** Starts the service. If it runs, or has succeeded, nothing happens. */
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
      // a process that is ended by a signal has not ended well, however it takes the signal
      well = (await this.#process(life.signal)) && !life.signal.aborted
    } catch (error) {
      if (!life.signal.aborted) throw error
    }
    if (this.#life !== life) return
    this.#state = well ? 'active' : 'failed'
    this.#result = well ? 'success' : life.signal.aborted ? 'signal' : 'exit-code'
  }

  /** Stops the service. A process that is ended by a signal has failed. */
  async stop(): Promise<void> {
    if (this.#state === 'active') this.#state = 'inactive'
    if (this.#state !== 'activating') return
    this.#life.abort()
    await this.#ended
  }

  /** Kills the process with SIGKILL: it ends without another word. */
  kill(): void {
    if (this.#state === 'activating') this.#life.abort()
  }

  resetFailed(): void {
    if (this.#state === 'failed') this.#state = 'inactive'
  }

  /** Cuts the power: nobody sees what the process comes to yet. */
  powerOff(): void {
    this.#life.abort()
    this.#life = new AbortController()
    this.#state = 'inactive'
  }
}
