import type { Pictures as PicturesAnswer } from '../../contract.ts'
import { span } from '../model/durations.ts'
import { BarChart, Legend, RowChart } from '../parts/chart.tsx'
import { Scroll } from '../parts/groups.tsx'
import { Empty, Trouble } from '../parts/note.tsx'
import { Text } from '../parts/text.tsx'
import { useAnswer } from '../state/answer.ts'
import { client } from '../state/session.ts'
import { PageHead } from './page-head.tsx'

const stageWords: Record<string, string> = {
  waiting: 'Waits for approval',
  claiming: 'Approved, until it claims',
  joining: 'kubeadm, until its Node',
  settling: 'Node, until Ready',
  whole: 'From first look to Ready'
}

const failureWords: Record<string, string> = {
  machine: 'the machine',
  cluster: 'the cluster',
  credential: 'the credential',
  transient: 'passing, tried again',
  server: 'found by the server'
}

/** Joins over time, the time that each stage takes, and why joins fail. */
export const Pictures = () => {
  const answer = useAnswer('pictures', () => client.pictures())
  const pictures = answer.value.value
  const trouble = answer.trouble.value
  return (
    <div class="page">
      <PageHead title="Pictures" hint="How joins go: how many, how long, and why not." />
      <Scroll class="page-body" label="Pictures">
        {trouble !== undefined && <Trouble words={trouble} />}
        {pictures?.lacking !== undefined && (
          <p class="hint">
            <Text of={pictures.lacking} />
          </p>
        )}
        {pictures !== undefined && <Drawn {...pictures} />}
      </Scroll>
    </div>
  )
}

const Drawn = ({ days, stages, failures }: PicturesAnswer) => {
  const sum = (of: 'arrived' | 'ready' | 'failed') => days.reduce((all, day) => all + day[of], 0)
  return (
    <div class="pictures">
      <figure class="card wide">
        <figcaption>
          <h2>Joins over time</h2>
          <Legend
            series={[
              ['arrived', `${sum('arrived')} arrived`],
              ['ready', `${sum('ready')} became Ready`],
              ['failed', `${sum('failed')} failed`]
            ]}
          />
        </figcaption>
        {days.length === 0 ? (
          <Empty title="Nothing yet" />
        ) : (
          <BarChart
            label="Joins over time"
            series={['arrived', 'ready', 'failed']}
            groups={days.map(({ day, arrived, ready, failed }) => ({ name: day, values: [arrived, ready, failed] }))}
          />
        )}
      </figure>
      <figure class="card">
        <figcaption>
          <h2>
            Time by stage <span class="hint">on a logarithmic scale</span>
          </h2>
          <Legend
            series={[
              ['median', 'median'],
              ['p95', '95th percentile']
            ]}
          />
        </figcaption>
        {stages.every(({ count }) => count === 0) ? (
          <Empty title="No join is over yet" />
        ) : (
          <RowChart
            scale="log"
            label="Time by stage"
            series={['median', 'p95']}
            names={['Median', '95th percentile']}
            rows={stages
              .filter(({ count }) => count > 0)
              .map(({ stage, count, median, p95 }) => ({
                name: stageWords[stage] ?? stage,
                more: `${count} ${count === 1 ? 'join' : 'joins'}`,
                values: [median, p95],
                texts: [span(median * 1000), span(p95 * 1000)]
              }))}
          />
        )}
      </figure>
      <figure class="card">
        <figcaption>
          <h2>Failures by class</h2>
        </figcaption>
        {failures.length === 0 ? (
          <Empty title="No attempt failed" />
        ) : (
          <RowChart
            label="Failures by class"
            series={['failed']}
            names={['Attempts']}
            rows={failures.map(({ failure, count }) => ({
              name: failureWords[failure] ?? failure,
              values: [count],
              texts: [`${count}`]
            }))}
          />
        )}
      </figure>
    </div>
  )
}
