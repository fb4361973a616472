import { variableRows } from '../words/variables.ts'
import { childrenOf, type Expression, variableOf } from './expression.ts'

/**
 * True if the expression cannot come out as `asTrue` by the claims of a machine alone: on each way to it there is a test of
 * something that the server saw or gave. Undefined arguments of the library count as no test.
 */
export const leansOnProof = (expression: Expression | undefined, asTrue = true): boolean => {
  if (expression === undefined) return false
  const { exprKind } = expression
  if (exprKind.case === 'constExpr' && exprKind.value.constantKind.case === 'boolValue') {
    // there is no way to what a literal is not
    return exprKind.value.constantKind.value !== asTrue
  }
  if (exprKind.case !== 'callExpr') return namesProof(expression)
  const { function: called, args } = exprKind.value
  const [first, second, third] = args
  switch (called) {
    case '!_':
      return leansOnProof(first, !asTrue)
    case '_&&_':
      return asTrue ? args.some((one) => leansOnProof(one)) : args.every((one) => leansOnProof(one, false))
    case '_||_':
      return asTrue ? args.every((one) => leansOnProof(one)) : args.some((one) => leansOnProof(one, false))
    case '_?_:_':
      return (
        (leansOnProof(first) || leansOnProof(second, asTrue)) &&
        (leansOnProof(first, false) || leansOnProof(third, asTrue))
      )
    default:
      return namesProof(expression)
  }
}

const namesProof = (expression: Expression): boolean =>
  variableRows.get(variableOf(expression) ?? '')?.standing === 'proof' || childrenOf(expression).some(namesProof)
