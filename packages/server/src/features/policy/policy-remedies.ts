import type { PolicyStatus } from '@joinery/protocol'

/** Sentences with commands about a policy that is wrong, or by whose rules machines wait for a person. */
export const policyRemedies = ({ file, trouble: [first] = [], rules = [] }: PolicyStatus): string[] => [
  ...(first === undefined ? [] : [`The approval policy is wrong: ${first}; joinery policy test --file ${file}`]),
  ...rules.flatMap(({ name, withoutProof = 0 }) =>
    withoutProof === 0
      ? []
      : [
          `Rule ${name} approves only by codes that are proof, and ${withoutProof} machines with other codes wait for a person; joinery policy test --all`
        ]
  )
]
