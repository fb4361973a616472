import { CommandEnd, commonCodes } from '@joinery/host/command-end'

/** What is wrong with this host, so that nothing was begun: one sentence, with the remedy where there is one. */
export class StartRefusal extends CommandEnd {
  constructor(cause: string, remedy?: string) {
    super(commonCodes.usage, cause, remedy)
    this.name = 'StartRefusal'
    this.message = remedy === undefined ? cause : `${cause}: ${remedy}`
  }
}
