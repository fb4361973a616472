import { CommandEnd, exitCodes } from './errors.ts'

/** What is wrong with this host, so that nothing was begun: one sentence, with the remedy where there is one. */
export class StartRefusal extends CommandEnd {
  override readonly exitCode = exitCodes.usage

  constructor(cause: string, remedy?: string) {
    super(cause, remedy)
    this.name = 'StartRefusal'
    this.message = remedy === undefined ? cause : `${cause}: ${remedy}`
  }
}
