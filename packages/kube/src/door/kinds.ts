import { decisionVerdicts } from '@joinery/protocol/door'

/** API group and version of Joinery's own objects. All of them are cluster-scoped. */
export const doorGroup = 'joinery.dev'
export const doorVersion = 'v1beta1'

/** Version of before, which a cluster serves until `joinery-server setup` has moved its objects. */
export const earlierVersion = 'v1alpha1'

/** Plural names of the kinds, as RBAC and policies name them. */
export const resources = ['enrolments', 'decisions', 'codes', 'codetemplates', 'installations'] as const
export type Resource = (typeof resources)[number]

/** Plural name of the kind that a definition is of: `enrolments` of `enrolments.joinery.dev`. */
export const pluralOf = ({ metadata: { name } }: { metadata: { name: string } }): string =>
  name.slice(0, name.indexOf('.'))

/** Verbs of `enrolments.joinery.dev` that RBAC may give, one for each thing that a Decision can do, and one for the role. */
export const enrolmentVerbs = [...decisionVerdicts, 'approve-control-plane'] as const

/** Verbs of `codes.joinery.dev` that RBAC may give to those who make codes. */
export const codeVerbs = ['invite', 'invite-control-plane', 'label'] as const

/** Annotation without which no CustomResourceDefinition of Joinery can be deleted: its objects would go with it. */
export const deletionAnnotation = 'joinery.dev/allow-deletion'
