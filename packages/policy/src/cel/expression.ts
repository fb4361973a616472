import type { parse } from '@bufbuild/cel'

/** A parsed expression, as the library has it. */
export type Expression = ReturnType<typeof parse>['expr']

type Kinds = Exclude<Expression['exprKind'], { case: undefined }>

/** Content of a node of this kind. */
export type Node<Case extends Kinds['case']> = Extract<Kinds, { case: Case }>['value']

/** The text of a literal. Undefined for any other node. */
export const literalText = ({ exprKind }: Expression): string | undefined =>
  exprKind.case === 'constExpr' && exprKind.value.constantKind.case === 'stringValue'
    ? exprKind.value.constantKind.value
    : undefined
