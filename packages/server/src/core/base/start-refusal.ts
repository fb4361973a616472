import { CommandEnd, commonCodes } from '@joinery/host/command-end'

/**
 * Error of a start that began nothing because something is wrong with this host. It has one sentence, and a remedy if
 * there is one.
 */
export class StartRefusal extends CommandEnd {
  constructor(cause: string, remedy?: string) {
    super(commonCodes.usage, cause, remedy)
    this.name = 'StartRefusal'
    this.message = remedy === undefined ? cause : `${cause}: ${remedy}`
  }
}
