import { type Difference, none } from '../model/changed.ts'
import { Text } from './text.tsx'

/** What changed, field by field. */
export const Differences = ({ all }: { all: readonly Difference[] }) =>
  all.length === 0 ? (
    <p>Nothing that is shown here differs, but the pairing server has a newer revision of it.</p>
  ) : (
    <table class="rows small differences">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">You saw</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ label, before, after }) => (
          <tr key={label}>
            <th scope="row">
              <Text of={label} />
            </th>
            <td>
              {before === none ? (
                <span class="muted">{none}</span>
              ) : (
                <del>
                  <Text of={before} />
                </del>
              )}
            </td>
            <td>
              {after === none ? (
                <span class="muted">{none}</span>
              ) : (
                <ins>
                  <Text of={after} />
                </ins>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
