import type { SeenEnrolmentDetail } from '../../contract.ts'
import { useAnswer } from '../state/answer.ts'
import { client } from '../state/session.ts'
import { Commands } from './checks.tsx'
import { Section } from './section.tsx'
import { ConditionSign } from './sign.tsx'
import { Age, Text } from './text.tsx'

/** Why the Node of a machine is not Ready: the likeliest cause first. */
export const Why = ({ of: { id, node, cause } }: { of: SeenEnrolmentDetail }) => {
  const answer = useAnswer(id, () => client.why(id))
  const why = answer.value.value
  const trouble = answer.trouble.value
  return (
    <Section
      title={
        <>
          Why it is not Ready <ConditionSign condition={node?.condition ?? 'Unknown'} />
        </>
      }
    >
      {why === undefined && cause !== undefined && (
        <p>
          <Text of={cause.text} />
        </p>
      )}
      {why === undefined && trouble !== undefined && (
        <p class="muted">
          <Text of={trouble.detail ?? trouble.title} />
        </p>
      )}
      {why !== undefined && (
        <>
          <p>
            <Text of={why.summary} />
          </p>
          <ol class="causes">
            {why.causes.map(({ code, from, text, since, evidence, remedy }) => (
              <li key={`${code} ${from} ${text}`}>
                <p class="cause">
                  <code>{code}</code>
                  <span class="muted">
                    {from && `seen from the ${from}`}
                    {since && (
                      <>
                        , for <Age of={since} />
                      </>
                    )}
                  </span>
                </p>
                <p>
                  <Text of={text} />
                </p>
                {evidence.length > 0 && (
                  <blockquote>
                    {evidence.map((line) => (
                      <p key={line}>
                        <Text of={line} />
                      </p>
                    ))}
                  </blockquote>
                )}
                {remedy.length > 0 && <Commands lines={remedy} />}
              </li>
            ))}
          </ol>
          {why.unseen?.map((line) => (
            <p key={line} class="muted">
              Not known: <Text of={line} />
            </p>
          ))}
        </>
      )}
    </Section>
  )
}
