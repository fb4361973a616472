import type { Connection } from '@joinery/kube'

/**
 * Subresources that the stock controller reviews for a CSR's requester before it approves:
 * pkg/controller/certificates/approver.
 */
const subresources = ['nodeclient', 'selfnodeclient']

/** User name of any bootstrap token. The groups decide; the user's name counts only if somebody bound this very one. */
const anyToken = 'system:bootstrap:aaaaaa'

export const autoApproval = async (api: Connection, group: string): Promise<string | undefined> => {
  const answers = await Promise.all(subresources.map((subresource) => review(api, group, subresource)))
  return answers.find((answer) => answer !== undefined)
}

const review = async (api: Connection, group: string, subresource: string): Promise<string | undefined> => {
  const { status } = await api.authorization.createSubjectAccessReview({
    body: {
      spec: {
        user: anyToken,
        groups: ['system:bootstrappers', group, 'system:authenticated'],
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource
        }
      }
    }
  })
  if (status?.allowed !== true) return undefined
  return `a token of ${group} may create certificatesigningrequests/${subresource}: ${status.reason || 'no reason given'}`
}
