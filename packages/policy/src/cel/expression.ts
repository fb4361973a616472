import type { parse } from '@bufbuild/cel'

/** A parsed expression, as the library has it. */
export type Expression = ReturnType<typeof parse>['expr']

type Kinds = Exclude<Expression['exprKind'], { case: undefined }>

/** Content of a node of this kind. */
export type Node<Case extends Kinds['case']> = Extract<Kinds, { case: Case }>['value']

/** All nodes directly below a node. */
export const childrenOf = ({ exprKind }: Expression): Expression[] => {
  switch (exprKind.case) {
    case 'selectExpr':
      return there([exprKind.value.operand])
    case 'callExpr':
      return there([exprKind.value.target, ...exprKind.value.args])
    case 'listExpr':
      return exprKind.value.elements
    case 'structExpr':
      return there(
        exprKind.value.entries.flatMap(({ keyKind, value }) => [
          keyKind.case === 'mapKey' ? keyKind.value : undefined,
          value
        ])
      )
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value
      return there([iterRange, accuInit, loopCondition, loopStep, result])
    }
    default:
      return []
  }
}

const there = (nodes: readonly (Expression | undefined)[]): Expression[] =>
  nodes.filter((node): node is Expression => node !== undefined)

/** The variable that a node names, such as `machine.serial` or `now`. Undefined if it names none. */
export const variableOf = ({ exprKind }: Expression): string | undefined => {
  if (exprKind.case === 'identExpr') return exprKind.value.name
  if (exprKind.case !== 'selectExpr' || exprKind.value.testOnly) return undefined
  const { operand, field } = exprKind.value
  return operand?.exprKind.case === 'identExpr' ? `${operand.exprKind.value.name}.${field}` : undefined
}

/** The text of a literal. Undefined for any other node. */
export const literalText = ({ exprKind }: Expression): string | undefined =>
  exprKind.case === 'constExpr' && exprKind.value.constantKind.case === 'stringValue'
    ? exprKind.value.constantKind.value
    : undefined
