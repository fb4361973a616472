import { CommandEnd } from '@joinery/host/command-end'
import { given } from '@joinery/protocol/given'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from '../terminal/errors.ts'
import type { Share, WaveRule } from './plan-wave.ts'

export interface WaveOptions {
  wave?: Share
  canary?: Share
  stopOn?: number
}

export const addWaveOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--wave <share>',
        'approve a selection in waves of so many, such as 5 or 10%, and wait for each'
      ).argParser(share)
    )
    .addOption(new Option('--canary <share>', 'size of the first wave').argParser(share))
    .addOption(
      new Option('--stop-on <count>', 'begin no other wave after so many failures (default: 1)').argParser(count)
    )

/** The rule that the options give. Undefined if there are no waves. Throws if they do not fit together. */
export const waveRuleOf = ({ wave, canary, stopOn }: WaveOptions): WaveRule | undefined => {
  if (wave !== undefined || canary !== undefined) {
    return { wave: wave ?? { percent: 100 }, stopOn: stopOn ?? 1, ...given({ canary }) }
  }
  if (stopOn === undefined) return undefined
  throw new CommandEnd(exitCodes.usage, '--stop-on is for waves', 'give --wave or --canary, too')
}

const share = (text: string): Share => {
  const [, digits = '', percent] = /^([1-9]\d{0,3})(%?)$/.exec(text) ?? []
  const number = Number(digits)
  if (percent === '%' && number <= 100) return { percent: number }
  if (percent === '') return { count: number }
  throw new InvalidArgumentError('give a number of machines, such as 5, or a share of them, such as 10%.')
}

const count = (text: string): number => {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('give a number from 1 to 9999.')
}
