import type { WebhookCounts } from '@joinery/protocol'

/** One sentence with a command for each receiver of notices that needs a person. */
export const webhookRemedies = (webhooks: readonly WebhookCounts[]): string[] =>
  webhooks.flatMap(({ name, dead, lost, gone, failing }) => {
    if (gone !== undefined) {
      return [
        `The webhook ${name} answered 410 at ${gone}, and gets nothing since; if it wants notices again: joinery webhook resend ${name}`
      ]
    }
    if (dead === 0) return []
    const more = lost > 0 ? `, and ${lost} are lost` : ''
    const why = failing === undefined ? '' : ` (${failing.reason})`
    return [
      `The webhook ${name} did not take ${dead} notices${more}${why}; see why: joinery webhook list; then: joinery webhook resend ${name}`
    ]
  })
