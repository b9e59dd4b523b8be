// Leads from the page about the certificate to the encrypted app, keeping the room in the fragment; puts the reader's
// language first.
for (const link of document.querySelectorAll('a[data-continue]')) link.href = `https://${location.host}/${location.hash}`;
const wanted = navigator.language.startsWith('zh') ? 'zh-TW' : 'en';
document.querySelector('main').insertBefore(document.querySelector(`section[lang="${wanted}"]`), document.querySelector('section'));
document.documentElement.lang = wanted;
