/** The short id that is shown: the end. An id begins with the time, so those of one minute begin alike. */
export const shortId = (id: string): string => id.slice(-8)
