export { border } from './border.ts';
export { black, canvasColor } from './color.ts';
export { bannerOverlay, bannerPart, labelOverlay, noticeOverlay } from './labels.ts';
export { OverlayCache, type Overlay } from './Overlay.ts';
export { slate, welcomeSlate } from './slates.ts';
