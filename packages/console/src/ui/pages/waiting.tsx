import { asksOperator, statesThat } from '@joinery/protocol/browser'
import { Button } from '../parts/button.tsx'
import { Empty } from '../parts/note.tsx'
import { counts } from '../state/link.ts'
import { goTo } from '../state/place.ts'
import { ListPane } from './list-pane.tsx'
import { PageHead } from './page-head.tsx'

/** The states in which an operator has to decide. */
export const asking = statesThat(asksOperator).join(',')

/** The machines that wait for a decision, the one that has waited longest first. */
export const Waiting = () => (
  <ListPane
    query={{ state: asking, order: 'oldest' }}
    label="Machines that wait for you"
    columns={['state', 'key', 'hardware', 'address', 'checks', 'age']}
    head={
      <PageHead
        title="Waiting for you"
        hint="Compare the key with the console of the machine, look at its evidence, then decide."
      />
    }
    empty={
      <Empty title="Nobody waits">
        <p>A machine that enrols with a code appears here by itself.</p>
        {Object.values(counts.value ?? {}).every((count) => count === 0) ? (
          <Button kind="primary" icon="plus" onClick={() => goTo('codes', { open: 'new' })}>
            Invite the first machine
          </Button>
        ) : (
          <Button onClick={() => goTo('machines')}>See all machines</Button>
        )}
      </Empty>
    }
  />
)
