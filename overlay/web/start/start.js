// The page says where it was found: the server may listen anywhere.

for (const place of document.querySelectorAll('[data-origin]')) place.textContent = location.origin;
