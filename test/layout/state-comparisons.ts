import { join, relative, resolve } from 'node:path'
import { states } from '@joinery/protocol'
import ts from 'typescript-api'

const root = resolve(import.meta.dirname, '../..')
const names: ReadonlySet<string> = new Set(states)

/** A place that compares the state of an enrolment with one name, and asks no question of the table. */
export interface StateComparison {
  /** Path from the root. */
  file: string
  line: number
  text: string
}

/** The program of all sources of the packages, as the compiler knows their types. */
export const programOf = (files: readonly string[]): ts.Program => {
  const { config } = ts.readConfigFile(join(root, 'packages/console/tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'packages/console'))
  return ts.createProgram(
    files.map((file) => resolve(root, file)),
    { ...options, noEmit: true, skipLibCheck: true }
  )
}

/**
 * The places in these files where a state is compared with a name: by `===` or `!==`, as a case of `switch`, or as one of a list that
 * stands there. The compiler says what is a state: `approved` is also a word of the way back, and of much else.
 */
export const stateComparisonsIn = (program: ts.Program, files: readonly string[]): StateComparison[] => {
  const checker = program.getTypeChecker()
  const isState = (node: ts.Node): boolean => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(node))
    const members = type.isUnion() ? type.types : [type]
    // one state less or more is still one: another part of a union may be gone by a comparison before, and a program may not know it
    return members.length >= states.length - 2 && members.filter((one) => isName(one)).length >= states.length - 2
  }
  const isName = (type: ts.Type): boolean => type.isStringLiteral() && names.has(type.value)
  const isNameText = (node: ts.Node): boolean => ts.isStringLiteral(node) && names.has(node.text)
  const isComparison = (node: ts.Node): boolean => {
    if (ts.isBinaryExpression(node)) {
      const { left, right, operatorToken } = node
      const compares = [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]
      return (
        compares.includes(operatorToken.kind) &&
        ((isNameText(right) && isState(left)) || (isNameText(left) && isState(right)))
      )
    }
    if (ts.isSwitchStatement(node)) return isState(node.expression)
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
    const { expression: list, name } = node.expression
    const [sought] = node.arguments
    return name.text === 'includes' && ts.isArrayLiteralExpression(list) && sought !== undefined && isState(sought)
  }
  return files.flatMap((file) => {
    const source = program.getSourceFile(resolve(root, file))
    if (source === undefined) throw new Error(`the compiler did not read ${file}`)
    const found: StateComparison[] = []
    const visit = (node: ts.Node): void => {
      if (isComparison(node)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
        const [text = ''] = node.getText(source).split('\n')
        found.push({ file: relative(root, source.fileName), line: line + 1, text })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
}
