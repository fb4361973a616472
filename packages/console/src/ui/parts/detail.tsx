import {
  asksOperator,
  awaitsClaim,
  awaitsNode,
  escapeText,
  hasEnded,
  hasJoined,
  isBeforeClaim,
  isFrozen
} from '@joinery/protocol/browser'
import type { ComponentChildren } from 'preact'
import type { SeenEnrolmentDetail } from '../../contract.ts'
import { differences, needsLook } from '../model/changed.ts'
import { joinProgress } from '../model/join-progress.ts'
import { offersOf } from '../model/verbs.ts'
import { type LiveDetail, useDetail } from '../state/detail.ts'
import { linkTo, open } from '../state/place.ts'
import { session } from '../state/session.ts'
import { asked } from './act-dialog.tsx'
import { Attempts } from './attempts.tsx'
import { Button, Copy } from './button.tsx'
import { Checks } from './checks.tsx'
import { Differences } from './differences.tsx'
import { EtcdWords } from './etcd.tsx'
import { Addresses, Facts } from './facts.tsx'
import { Fingerprint } from './fingerprint.tsx'
import { Scroll } from './groups.tsx'
import { Icon } from './icon.tsx'
import { Keys } from './keys.tsx'
import { RoleTag } from './machine-table.tsx'
import { Note, Trouble } from './note.tsx'
import { StageBar } from './progress.tsx'
import { Section } from './section.tsx'
import { StateSign } from './sign.tsx'
import { Age, Moment, Pairs, Text, Until } from './text.tsx'
import { Timeline } from './timeline.tsx'
import { WayBack } from './way-back.tsx'
import { Why } from './why.tsx'

/** Everything about one machine: what an operator judges it by, what may be done, and what happened. */
export const Detail = ({ id }: { id: string }) => {
  const detail = useDetail(id)
  const seen = detail.seen.value
  const trouble = detail.trouble.value
  return (
    <section class="detail" aria-label="Details">
      {seen === undefined ? (
        <div class="detail-body">
          {trouble === undefined ? <p class="muted">Reading…</p> : <Trouble words={trouble} />}
          <Button onClick={() => open(undefined)}>Close</Button>
        </div>
      ) : (
        <>
          <Head of={seen} detail={detail} />
          <Scroll class="detail-body" label={`Evidence of ${escapeText(seen.name)}`}>
            {trouble !== undefined && <Trouble words={trouble} />}
            <Body of={seen} detail={detail} />
          </Scroll>
        </>
      )}
    </section>
  )
}

const verbWords = {
  approve: 'Approve',
  replace: 'Replace',
  retry: 'Retry',
  release: 'Release',
  reject: 'Reject',
  remove: 'Remove'
} as const

const Head = ({ of, detail }: { of: SeenEnrolmentDetail; detail: LiveDetail }) => {
  const { name, state, role, since, expires } = of
  const rights = session.value?.rights
  const fresh = detail.fresh.value
  const outdated = fresh !== undefined && needsLook(of, fresh)
  const offers = rights === undefined ? [] : offersOf(of, rights)
  return (
    <header class="detail-head">
      <div class="detail-title">
        <h2>
          <Text of={name} />
        </h2>
        <button type="button" class="button quiet small" aria-label="Close the details" onClick={() => open(undefined)}>
          <Icon name="close" />
        </button>
      </div>
      <p class="detail-line">
        <StateSign state={state} />
        <RoleTag role={role} />
        <span class="muted">
          for <Age of={since} />
        </span>
        {expires !== undefined && (
          <span class="muted">
            ends <Until of={expires} />
          </span>
        )}
      </p>
      {offers.length > 0 && (
        <div class="actions">
          {offers.map(({ verb, possible, why }) => (
            <Button
              key={verb}
              kind={verb === 'approve' ? 'primary' : 'plain'}
              why={
                possible
                  ? outdated && verb !== 'reject'
                    ? 'it has changed: look at what is new first'
                    : undefined
                  : why
              }
              onClick={() => {
                asked.value = { verb, targets: [of], ...(fresh === undefined ? {} : { now: [fresh] }) }
              }}
              {...(verb === 'approve' ? { shortcut: 'a' } : {})}
            >
              {verbWords[verb]}
            </Button>
          ))}
        </div>
      )}
      {offers.some(({ missing }) => missing !== undefined) && (
        <p class="lacking">
          <Icon name="lock" />
          {offers
            .flatMap(({ verb, missing }) =>
              missing === undefined ? [] : [`${verbWords[verb]} needs the right to ${missing}`]
            )
            .join('. ')}
          .
        </p>
      )}
    </header>
  )
}

const Body = ({ of, detail }: { of: SeenEnrolmentDetail; detail: LiveDetail }) => {
  const { key, withoutAgent, pruned, preflight, message, node, cause, notYet = [] } = of
  const fresh = detail.fresh.value
  const progress = joinProgress(of)
  const notReady = hasJoined(of) && (cause !== undefined || (node !== undefined && node.condition !== 'Ready'))
  const isJudged = asksOperator(of) || isBeforeClaim(of)
  return (
    <>
      {fresh !== undefined && needsLook(of, fresh) && (
        <Note tone="asks" role="alert" title="It changed while you looked">
          <Differences all={differences(of, fresh)} />
          <Button small kind="primary" onClick={() => detail.looked()}>
            I have looked at it
          </Button>
        </Note>
      )}
      <Warnings of={of} />
      {progress !== undefined && <StageBar progress={progress} />}
      {!isJudged && progress === undefined && message !== '' && (
        <p class="message">
          <Text of={message} />
        </p>
      )}
      {notYet.length > 0 && (
        <Note tone="busy" title="Not in service yet">
          <ul>
            {notYet.map((text) => (
              <li key={text}>
                <Text of={text} />
              </li>
            ))}
          </ul>
        </Note>
      )}
      {notReady && <Why of={of} />}
      <Keys of={of} />
      {!isJudged && <History of={of} />}
      {key !== '' && !isFrozen(of) && (
        <Section
          title="Key"
          hint={isJudged ? 'Compare the first five groups with the console of the machine.' : undefined}
        >
          <Fingerprint of={key} />
        </Section>
      )}
      <WayBack of={of} />
      {!withoutAgent && !pruned && (
        <>
          <Checks all={preflight} />
          <Section title="Address">
            <Addresses of={of} />
          </Section>
          <Section title="Machine">
            <Facts facts={of.facts} />
          </Section>
        </>
      )}
      {pruned !== undefined && (
        <p class="muted">
          Evidence and timeline are gone since <Moment of={pruned} />.
        </p>
      )}
      <Section
        title={isJudged ? 'What an approval gives' : 'What it got'}
        hint={
          isBeforeClaim(of)
            ? 'Once it is approved, its agent claims a credential and runs kubeadm join. You see each stage here.'
            : undefined
        }
      >
        <Gets of={of} />
      </Section>
      {isJudged && <History of={of} />}
    </>
  )
}

/** What happened: after a decision it is what people look for first. */
const History = ({ of }: { of: SeenEnrolmentDetail }) => (
  <>
    <Attempts of={of} />
    <Timeline of={of} timeline={of.timeline} />
  </>
)

const Warnings = ({ of }: { of: SeenEnrolmentDetail }) => {
  const { nameConflict, former, role, withoutAgent } = of
  const before = asksOperator(of) || awaitsNode(of)
  return (
    <>
      {nameConflict !== undefined && !hasEnded(of) && (
        <Note tone="bad" title="The name is in use">
          <p>
            <Text of={nameConflict} />
          </p>
        </Note>
      )}
      {former !== undefined && before && (
        <Note tone="asks" title="The name was another machine's">
          <p>
            Its kubelet's certificate is good for the name{' '}
            {former.certificateExpires === undefined ? (
              'up to a year'
            ) : (
              <>
                until <Moment of={former.certificateExpires} />, longer if it was renewed
              </>
            )}
            . The ban of the name ends when the new machine claims.{' '}
            <a href={linkTo('machines', { open: former.enrolment })}>The former machine</a>
          </p>
        </Note>
      )}
      {role === 'control-plane' && before && (
        <Note tone="asks" title="It becomes a control plane">
          <EtcdWords of={of} />
          {awaitsClaim(of) && of.granted === undefined && (
            <p>
              Next, as root on a control-plane host:{' '}
              <code>
                joinery grant <Text of={of.name} />
              </code>
            </p>
          )}
        </Note>
      )}
      {withoutAgent && <Note tone="calm" title="It joins by a join command, without an agent" />}
    </>
  )
}

const Gets = ({ of }: { of: SeenEnrolmentDetail }) => {
  const {
    role,
    credential,
    labels = {},
    taints = [],
    readyWhen = [],
    policy,
    recover,
    code,
    id,
    revision,
    created,
    approved
  } = of
  const rows: [string, ComponentChildren][] = [
    ['Role', role],
    ['Credential', credential],
    ...Object.entries(labels).map(([name, value]): [string, string] => ['Label', `${name}=${value}`]),
    ...taints.map(({ key, value, effect }): [string, string] => [
      'Taint',
      `${key}${value ? `=${value}` : ''}:${effect}`
    ]),
    ...readyWhen.map((gate): [string, string] => ['Ready when', gate]),
    ...(policy?.remediate === undefined ? [] : [['Remediate', policy.remediate] as [string, string]]),
    ...(policy === undefined || policy.ignore.length === 0
      ? []
      : [['Ignores', policy.ignore.join(', ')] as [string, string]]),
    ...(recover === undefined ? [] : [['Recover', recover] as [string, string]]),
    ['Enrolled', <Moment of={created} />],
    ...(approved === undefined ? [] : [['Approved', <Moment of={approved.at} />] as [string, ComponentChildren]]),
    ...(code === ''
      ? []
      : [
          [
            'Code',
            <a href={linkTo('machines', { code })} title="All machines of this code">
              <code>{code}</code>
            </a>
          ] as [string, ComponentChildren]
        ]),
    [
      'ID',
      <span class="with-copy">
        <code>{id}</code>
        <Copy text={id} label="Copy" />
      </span>
    ],
    ['Revision', `${revision}`]
  ]
  return <Pairs rows={rows.map(([label, value]) => [label, typeof value === 'string' ? <Text of={value} /> : value])} />
}
