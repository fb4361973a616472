/** Kinds of notices. A receiver names those that it wants. */
export const noticeKinds = ['pending', 'ready', 'failed', 'frozen', 'recovering', 'in-service', 'alert'] as const
export type NoticeKind = (typeof noticeKinds)[number]
