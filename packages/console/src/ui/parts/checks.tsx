import { checkRemedies, serverCheck } from '@joinery/protocol/browser'
import type { SeenEnrolment } from '../../contract.ts'
import { Copy } from './button.tsx'
import { Section } from './section.tsx'
import { VerdictSign } from './sign.tsx'
import { Text } from './text.tsx'

type Check = SeenEnrolment['preflight'][number]

/** Remedies of a check: of the server's own check what the server says, of the others only what is known here. */
const remediesOf = ({ name, remedy }: Check): readonly string[] =>
  name === serverCheck ? (remedy ?? []) : Object.hasOwn(checkRemedies, name) ? (checkRemedies[name] ?? []) : []

const order: readonly string[] = ['fail', 'warn', 'skipped', 'pass']

/** The checks of a machine, the failed ones first, each with what to do about it. */
export const Checks = ({ all }: { all: readonly Check[] }) => {
  const grave = all
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  const rest = all.filter((check) => !grave.includes(check))
  const passed = rest.filter(({ verdict }) => verdict === 'pass').length
  const skipped = rest.length - passed
  const restWords = [`${passed} passed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')
  return (
    <Section title="Preflight">
      {grave.length === 0 && all.length > 0 && (
        <p class="check-line">
          <VerdictSign verdict="pass" />
          <span class="muted">Nothing is in the way of a join.</span>
        </p>
      )}
      {grave.length > 0 && (
        <ul class="checks">
          {grave.map((check) => (
            <CheckRow key={check.name} check={check} />
          ))}
        </ul>
      )}
      {rest.length > 0 && (
        <details class="more">
          <summary>{restWords}</summary>
          <ul class="checks plain">
            {rest.map(({ name, verdict, finding }) => (
              <li key={name}>
                <VerdictSign verdict={verdict} />
                <span class="check-name">
                  <Text of={name} />
                </span>
                <span class="muted cut">
                  <Text of={finding} />
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {all.length === 0 && <p class="muted">No check is told.</p>}
    </Section>
  )
}

const CheckRow = ({ check }: { check: Check }) => {
  const { name, verdict, finding, why, ignored } = check
  const remedies = remediesOf(check)
  return (
    <li>
      <p class="check-line">
        <VerdictSign verdict={verdict} />
        <span class="check-name">
          <Text of={name} />
        </span>
        {ignored && <span class="tag">ignored</span>}
        {name === serverCheck && <span class="tag">by the server</span>}
      </p>
      {finding && (
        <p class={name === serverCheck ? '' : 'quoted'}>
          <Text of={finding} />
        </p>
      )}
      {why && name === serverCheck && (
        <p class="muted">
          <Text of={why} />
        </p>
      )}
      {remedies.length > 0 && <Commands lines={remedies} />}
    </li>
  )
}

/** Lines for a shell. Those that begin with # are words. */
export const Commands = ({ lines }: { lines: readonly string[] }) => (
  <div class="commands">
    <pre>
      {lines.map((line, place) => (
        <code key={place} class={line.startsWith('#') ? 'comment' : ''}>
          <Text of={line} />
          {'\n'}
        </code>
      ))}
    </pre>
    <Copy text={lines.join('\n')} label="Copy" />
  </div>
)
