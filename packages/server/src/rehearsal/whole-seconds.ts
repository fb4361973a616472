/** The date in whole seconds, as Kubernetes keeps times. */
export const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000)
