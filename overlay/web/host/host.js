document.title = 'Host console';
