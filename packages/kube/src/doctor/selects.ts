import type { V1LabelSelector } from '@kubernetes/client-node'

/**
 * True if the selector matches these labels, as the API server reads it (apimachinery, LabelSelectorAsSelector). An absent selector, and an
 * empty one, match everything. An operator that is not known matches, so that the doctor rather warns.
 */
export const selects = (selector: V1LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      const isListed = value !== undefined && values.includes(value)
      switch (operator) {
        case 'In':
          return isListed
        case 'NotIn':
          return !isListed
        case 'Exists':
          return value !== undefined
        case 'DoesNotExist':
          return value === undefined
        default:
          return true
      }
    })
  )
}
