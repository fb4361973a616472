import { policies } from '@joinery/kube/names'
import type { Refuser } from '../../../core/ports/log/log-objects.ts'

// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/: a domain name
const name = '([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)'

/** Beginnings of messages of the API server (v1.37.2). What follows is a stranger's text, and says nothing. */
const byWebhook = [
  new RegExp(`^(?:Internal error occurred: )?failed calling webhook "${name}": `),
  new RegExp(`^admission webhook "${name}" denied the request(?::| without explanation)`)
]
const byPolicy = new RegExp(
  `^[-.a-z0-9]+ "[-.a-z0-9]*" is (?:forbidden|invalid): (?:: )?ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: `
)

/**
 * Somebody's webhook or policy that refused a request, by the message of the API server. Undefined if it was none of them, or a policy
 * that `joinery-server setup` makes.
 */
export const refuserOf = (message: string): Refuser | undefined => {
  const policy = byPolicy.exec(message)?.[1]
  if (policy !== undefined) return isOwn(policy) ? undefined : { is: 'policy', name: policy }
  const webhook = byWebhook.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined)
  return webhook === undefined ? undefined : { is: 'webhook', name: webhook }
}

const isOwn = (policy: string): boolean => policies.some((own) => own === policy)
