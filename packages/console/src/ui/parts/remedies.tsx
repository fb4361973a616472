import { Mark } from './sign.tsx'
import { Text } from './text.tsx'

/** Each thing of the pairing server that needs a person, with what to do about it. */
export const Remedies = ({ of }: { of: readonly string[] | undefined }) =>
  of === undefined || of.length === 0 ? null : (
    <section class="section" aria-label="The pairing server">
      <h2>The pairing server needs somebody</h2>
      <ul class="alerts">
        {of.map((remedy) => (
          <li key={remedy} class="card">
            <Mark look={{ tone: 'asks', shape: 'hand' }} />
            <p>
              <Text of={remedy} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
