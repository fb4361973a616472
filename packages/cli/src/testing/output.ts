export { formats, outputOption, takes } from '../session/output-option.ts'
