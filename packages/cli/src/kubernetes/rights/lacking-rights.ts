import type { Access } from '../../operator-client.ts'
import type { DoorApi } from '../door-api.ts'

/**
 * The rights that the operator lacks, as the API server says of each (SelfSubjectAccessReview). It asks the authorizer that judges
 * the request itself, so it is right for webhooks and wildcards too.
 */
export const lackingRights = async (api: DoorApi, asked: readonly Access[]): Promise<Access[]> => {
  const answers = await Promise.all(asked.map((right) => mayDo(api, right)))
  return asked.filter((_, index) => !answers[index])
}

const mayDo = async (api: DoorApi, resourceAttributes: Access): Promise<boolean> => {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
  const review = await api.call(({ authorization }) => authorization.createSelfSubjectAccessReview({ body }))
  return review.status?.allowed === true
}
