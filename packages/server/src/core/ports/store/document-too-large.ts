import { ProblemError } from '@joinery/protocol'

/**
 * A change makes a document that the cluster cannot hold. It is that of one subject, and all others can be written. Every list in a
 * document is bounded, so nobody should see this.
 */
export class DocumentTooLarge extends ProblemError {
  constructor(why: string) {
    super('store-unavailable', {
      detail: `it cannot be written: ${why}`,
      remedy: 'reject or remove the machine, and give it a new code; all others go on'
    })
    this.name = 'DocumentTooLarge'
  }
}
