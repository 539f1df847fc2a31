local a
return a.b