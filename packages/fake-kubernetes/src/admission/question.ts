import type { Asked, User, Verdict } from '../identity/user.ts'

/** Judges what somebody asks for, by all authorizers. */
export type Authorize = (asked: Asked) => Verdict

/** CEL's `authorizer`, and what is made of it part by part (apiserver, cel/library/authz.go). */
export class Question {
  readonly authorize: Authorize
  readonly asked: Asked
  /** The question about the resource of the request. */
  readonly requestResource: Question | undefined

  constructor(authorize: Authorize, asked: Asked, requestResource?: Question) {
    this.authorize = authorize
    this.asked = asked
    this.requestResource = requestResource
  }
}

/** CEL's `authorizer` for that user. `about` is the resource of the request. */
export const authorizerFor = (authorize: Authorize, user: User, about: Partial<Asked>): Question => {
  const nothing = { user, verb: '', group: '', version: '*', resource: '', subresource: '', namespace: '', name: '' }
  return new Question(authorize, nothing, new Question(authorize, { ...nothing, ...about }))
}
