import type { SeenStatus, SeenWhy } from '../operator-client.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Told = Pick<Terminal, 'told'>

/** The status with its commands going the way of this command: the server does not know that way. */
export const toldStatus = ({ remedies, alerts, ...status }: SeenStatus, { told }: Told): SeenStatus => ({
  ...status,
  ...(alerts !== undefined && {
    alerts: { ...alerts, last: alerts.last.map((alert) => ({ ...alert, next: told(alert.next) })) }
  }),
  ...(remedies !== undefined && { remedies: remedies.map(told) })
})

/** The reason with its commands going the way of this command. */
export const toldWhy = ({ causes, ...why }: SeenWhy, { told }: Told): SeenWhy => ({
  ...why,
  causes: causes.map((cause) => ({ ...cause, remedy: cause.remedy.map(told) }))
})
